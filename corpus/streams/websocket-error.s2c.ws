143
<open version='1.0' xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='76ce35a6-0793-4e15-96dd-ffbfe3d7576c' xml:lang='en' from='verona.example'/>256
<stream:error xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>This server does not serve verona.example</text></stream:error>52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>