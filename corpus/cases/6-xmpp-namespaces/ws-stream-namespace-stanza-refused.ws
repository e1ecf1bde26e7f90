32
<message xmlns='jabber:client'/>