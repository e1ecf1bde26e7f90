82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>25
<?xml version='1.0'?><a/>