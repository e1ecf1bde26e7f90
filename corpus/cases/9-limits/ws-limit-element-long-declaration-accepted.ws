51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>25
<?xml version='1.0'?><m/>