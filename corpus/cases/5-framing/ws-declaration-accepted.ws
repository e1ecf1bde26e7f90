103
<?xml version='1.0'?><open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>94
<?xml version='1.0' encoding='UTF-8'?>
<message xmlns='jabber:client'><body>x</body></message>73
<?xml version='1.0'?><close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>