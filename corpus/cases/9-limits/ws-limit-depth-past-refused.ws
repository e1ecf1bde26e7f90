51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>21
<a xmlns='u'><b/></a>