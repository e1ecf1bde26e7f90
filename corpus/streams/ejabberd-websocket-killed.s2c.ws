127
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='4213453947000028477' version='1.0' xml:lang='en' from='capulet.example'/>347
<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>DIGEST-MD5</mechanism><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-512</mechanism><mechanism>SCRAM-SHA-256</mechanism><mechanism>SCRAM-SHA-1</mechanism><mechanism>X-OAUTH2</mechanism></mechanisms></stream:features>188
<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1ibTl1WTJVZ2IyWWdhblZzYVdWMExDQnRZV1JsSUhWd0dnTzBxUWsrbWV5Zzc2TWJiNjNxMFE9PSxzPXhpRWUvcVFhS1h3WXNSS1o4dXJSUnc9PSxpPTQwOTY=</challenge>100
<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>dj1WbXBjSGgzRi9sZlFkV2tBNFRNUHZVMGxvR2c9</success>127
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='7275489236529936224' version='1.0' xml:lang='en' from='capulet.example'/>440
<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session><c ver='gXXcEiTKcJk8SNJ+sJ4RVkEkvo4=' node='http://www.process-one.net/en/ejabberd/' hash='sha-1' xmlns='http://jabber.org/protocol/caps'/><sm xmlns='urn:xmpp:sm:2'/><sm xmlns='urn:xmpp:sm:3'/><ver xmlns='urn:xmpp:features:rosterver'/></stream:features>150
<iq xmlns='jabber:client' type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>juliet@capulet.example/balcony</jid></bind></iq>102
<enabled resume='true' max='300' id='g2gCbQAAAAdiYWxjb255bQAAAAhp9nlDsG+lDg==' xmlns='urn:xmpp:sm:3'/>32
<a h='0' xmlns='urn:xmpp:sm:3'/>