51
<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>14
<a xmlns='u'/>