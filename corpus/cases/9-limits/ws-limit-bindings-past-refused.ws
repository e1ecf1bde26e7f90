51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>26
<a xmlns='u' xmlns:p='v'/>