51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>43
<?xml version='1.0' encoding='latin1'?><a/>