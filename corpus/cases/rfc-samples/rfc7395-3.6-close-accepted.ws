95
<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"
      to="example.com"
      version="1.0" />53
<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />