79
<stream:open xmlns:stream='urn:ietf:params:xml:ns:xmpp-framing' xmlns='urn:x'/>