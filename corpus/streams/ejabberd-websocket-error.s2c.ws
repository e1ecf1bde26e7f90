127
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='18233845592646767764' version='1.0' xml:lang='en' from='verona.example'/>136
<stream:error xmlns:stream='http://etherx.jabber.org/streams'><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>52
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>