144
<open version='1.0' xml:lang='en' xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='89078212-3d57-4f2a-994f-cc31de67b140' from='capulet.example'/>377
<stream:features xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'><register xmlns='http://jabber.org/features/iq-register'/><auth xmlns='http://jabber.org/features/iq-auth'/><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1</mechanism><mechanism>SCRAM-SHA-256</mechanism></mechanisms></stream:features>51
<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>144
<open version='1.0' xml:lang='en' xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='199e9b8d-aa93-40b5-a4a7-1254946569f9' from='capulet.example'/>561
<stream:features xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'><csi xmlns='urn:xmpp:csi:0'/><ver xmlns='urn:xmpp:features:rosterver'/><c ver='ziusX4MaJ8b6zaqvaIULmc0A3Pk=' xmlns='http://jabber.org/protocol/caps' node='http://prosody.im' hash='sha-1'/><sm xmlns='urn:xmpp:sm:2'><optional/></sm><sm xmlns='urn:xmpp:sm:3'><optional/></sm><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><required/></bind><session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session><sub xmlns='urn:xmpp:features:pre-approval'/></stream:features>150
<iq id='bind' type='result' xmlns='jabber:client'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@capulet.example/balcony</jid></bind></iq>239
<message xml:lang='en' to='juliet@capulet.example/balcony' xmlns='jabber:client' from='juliet@capulet.example/balcony'>
<body>a
</body>
<stanza-id id='58ksBCkul_3H8EeL3fnfcqJ7' xmlns='urn:xmpp:sid:0' by='juliet@capulet.example'/></message>52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>