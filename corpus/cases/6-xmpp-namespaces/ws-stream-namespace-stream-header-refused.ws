77
<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>