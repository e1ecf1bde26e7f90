51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>10
<a b='1'/>