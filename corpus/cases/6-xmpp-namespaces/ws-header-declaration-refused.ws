67
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' xmlns:x='urn:x'/>