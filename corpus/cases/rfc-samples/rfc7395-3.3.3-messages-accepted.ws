157
<open xmlns="urn:ietf:params:xml:ns:xmpp-framing"
      from="example.com"
      id="++TR84Sm6A3hnt3Q065SnAbbk3Y="
      xml:lang="en"
      version="1.0" />135
<stream:features xmlns:stream="http://etherx.jabber.org/streams">
  <bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>
</stream:features>118
<message xmlns="jabber:client" xml:lang="en">
  <body>Every WebSocket message is parsable by itself.</body>
</message>119
<error xmlns="http://etherx.jabber.org/streams">
  <host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>
</error>