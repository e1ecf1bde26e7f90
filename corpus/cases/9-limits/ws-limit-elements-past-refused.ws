51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>15
<a><b/><c/></a>