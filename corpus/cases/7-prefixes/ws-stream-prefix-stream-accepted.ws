79
<stream:open xmlns:stream='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>