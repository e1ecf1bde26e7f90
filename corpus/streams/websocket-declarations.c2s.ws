125
<?xml version='1.0' encoding='UTF-8'?>
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='capulet.example' version='1.0'/>92
<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABtYWRlLXVw</auth>125
<?xml version='1.0' encoding='UTF-8'?>
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='capulet.example' version='1.0'/>134
<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>97
<message xmlns='jabber:client'
 to='juliet@capulet.example/balcony'
>
<body>a
</body>
</message>
52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>