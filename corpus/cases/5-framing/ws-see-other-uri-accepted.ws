82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>107
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri="wss://otherendpoint.example/xmpp-bind" />