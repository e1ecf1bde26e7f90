7
<open/>