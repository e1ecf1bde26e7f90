82
<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='7.0' xmlns:x='urn:x'/>