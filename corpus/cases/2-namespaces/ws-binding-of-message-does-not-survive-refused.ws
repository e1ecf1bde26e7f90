82
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.org' version='1.0'/>22
<p:a xmlns:p='urn:x'/>6
<p:b/>