51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>11
<a><b/></a>11
<a><b/></a>