86
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='capulet.example' version='1.0'/>92
<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABtYWRlLXVw</auth>86
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='capulet.example' version='1.0'/>134
<iq xmlns='jabber:client' type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>82
<presence xmlns='jabber:client'><show>chat</show><priority>1</priority></presence>87
<iq xmlns='jabber:client' type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>275
<message xmlns='jabber:client' to='juliet@capulet.example/balcony' type='chat' id='m1' xml:lang='en'><subject/><body>Art thou not Romeo &amp; a Montague? &lt;3 &quot;Neither&quot;, &#xE9;&#233; &#x1F339;</body><active xmlns='http://jabber.org/protocol/chatstates'/></message>52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>