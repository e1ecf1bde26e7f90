65
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='2.0'/>