# SPDX-License-Identifier: MIT
#
# Reads gcc's call graphs (-fcallgraph-info=su): finds the deepest path and every cycle.

function field(key,    text) {
    text = $0
    if (!sub(".*" key ": \"", "", text)) return ""
    sub("\".*", "", text)
    return text
}

/^node:/ {
    title = field("title")
    label = field("label")
    if (match(label, /[0-9]+ bytes/)) {
        bytes[title] = substr(label, RSTART, RLENGTH) + 0
        if (label ~ /\(dynamic\)/) { print name ": " title " has a frame of variable size"; bad = 1 }
    }
}

/^edge:/ {
    source = field("sourcename")
    target = field("targetname")
    if (target == "__indirect_call") { print name ": " source " calls through a pointer"; bad = 1 }
    calls[source] = calls[source] SUBSEP target
}

# Bytes below a call of `function`, its own frame included; deepest[] says by which way.
function depth(f,    targets, n, i, below, most) {
    if (f in known) return known[f]
    if (f in active) { print name ": recursion through " f; bad = 1; return 0 }
    active[f] = 1
    n = split(substr(calls[f], 2), targets, SUBSEP)
    for (i = 1; i <= n; i++) {
        below = depth(targets[i])
        if (below > most) { most = below; deepest[f] = targets[i] }
    }
    delete active[f]
    return known[f] = bytes[f] + most
}

END {
    for (f in bytes) {
        total = depth(f)
        if (total > worst) { worst = total; start = f }
    }
    path = start
    for (f = start; f in deepest; f = deepest[f]) path = path " > " deepest[f]
    gsub(/[^ ]*:/, "", path)
    printf "%s: %d bytes: %s%s\n", name, worst, path, (worst > limit ? "   MORE THAN " limit : "")
    exit (bad || worst > limit || worst == 0)
}
