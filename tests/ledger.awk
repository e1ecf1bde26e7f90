# SPDX-License-Identifier: MIT
#
# ledger.awk FACTS CONFORMANCE.md: holds the tables and the choices against what tests/ledger.sh found.

function fail(message) { print message; bad = 1 }
function trim(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }

# ---- What there is ----

FILENAME == ARGV[1] {
    if ($1 == "code") { condition[$2] = $3; rule[$2] = $4; if ($3 != "") codes[++code_count] = $2 }
    else if ($1 == "enumerator") enumerator[$2] = 1
    else if ($1 == "test") test[$2] = 1
    else if ($1 == "input") input[$2] = 1
    else if ($1 == "verdict") keep_verdict($2, $3)
    else if ($1 == "cited") cited[$2] = $3
    next
}

# A case's name says how it ends, and its verdict has the condition of its code.
function keep_verdict(name, text,    part) {
    split(text, part, " ")
    if (part[1] == "rejected" && (!(part[2] in condition) || part[3] != condition[part[2]]))
        fail(name ": " text ": no such code, or another condition")
    if (part[1] == "rejected") refused[part[2]] = name
    if (name !~ /^corpus\/cases\//) return
    if (part[1] != (name ~ /-refused\.log$/ ? "rejected" : name ~ /-accepted\.log$/ ? "complete" : "cut-short"))
        fail(name ": " text ": its name says otherwise")
    sub(/^corpus\/cases\//, "", name)
    sub(/\.log$/, "", name)
    verdict[name] = part[1] == "rejected" ? part[2] : "accepted"
}

# ---- The tables ----

{ where = "parser/CONFORMANCE.md:" FNR }
/^\|[-|]+\|$/ { next }
/^\|/ {
    count = split(substr($0, 2, length($0) - 2), cell, /\|/)
    for (i = 1; i <= count; i++) {
        cell[i] = trim(cell[i])
        if (cell[i] == "" || cell[i] ~ /^[-–?.]+$/)
            fail(where ": cell " i " is empty")
    }
    if (!in_table) { in_table = 1; columns = count; delete column; for (i = 1; i <= count; i++) column[cell[i]] = i; check_columns(); next }
    if (count != columns) { fail(where ": " count " cells, not " columns); next }
    rows++
    check_row()
    next
}
{ in_table = 0 }

function has(name) { return name in column }
function get(name) { return cell[column[name]] }

function check_columns() {
    if (!has("code") || !has("test") || !(has("corpus") || (has("refused") && has("accepted"))))
        fail(where ": a table without code, test or corpus files")
    else if (!has("reason") && !has("condition"))
        fail(where ": a table without conditions")
}

function check_row(    i, n, list) {
    delete wanted
    n = split(get("code"), list, /, */)
    for (i = 1; i <= n; i++) {
        wanted[list[i]] = 1
        if (list[i] != "accepted" && !(list[i] in rule))
            fail(where ": no such code: " list[i])
        if (!has("raised when"))
            ruled[list[i]] = 1
    }
    if (has("condition") && get("condition") != (get("code") == "accepted" ? "none" : condition[get("code")]))
        fail(where ": " get("code") " is " condition[get("code")] ", not " get("condition"))
    n = split(get("test"), list, /, */)
    for (i = 1; i <= n; i++)
        if (!(list[i] in test)) fail(where ": no such test: " list[i])
    if (has("raised when")) check_code(get("code"))
    else check_files(get("corpus"))
    if (has("choice") && match(get("choice"), /^choice [0-9]+/)) explained[substr(get("choice"), 8, RLENGTH - 7)] = 1
}

function check_code(code) {
    if (listed[code]++) fail(where ": " code " has two rows")
    if (get("rule") != rule[code]) fail(where ": " code ": weir_error_rule says " rule[code])
    check_files(get("refused"))
    delete wanted
    wanted["accepted"] = 1
    check_files(get("accepted"))
}

# Each file ends in a code that the row names, and each code of the row has a file.
function check_files(text,    i, n, list, name, seen) {
    n = split(text, list, /, */)
    for (i = 1; i <= n; i++) {
        name = list[i]
        sub(/\.(xml|ws)$/, "", name)
        if (!(list[i] in input)) fail(where ": no such file: " list[i])
        else if (!(name in verdict)) fail(where ": no log: " list[i])
        else if (!(verdict[name] in wanted)) fail(where ": " list[i] " ends in " verdict[name])
        else seen[verdict[name]] = 1
        files[list[i]] = 1
    }
    for (name in wanted)
        if (!(name in seen)) fail(where ": no file that ends in " name)
}

# ---- The choices ----

/^[0-9]+\. / { choice = $0; sub(/\..*/, "", choice); chosen[choice] = where; if (choice != ++choices) fail(where ": choice " choices " is missing") }
/^#/ { choice = "" }
choice != "" && /Reason:/ { reasoned[choice] = 1 }

END {
    for (i = 1; i <= code_count; i++) {
        if (!(codes[i] in listed)) fail(codes[i] ": no row in the table of codes")
        if (!(codes[i] in ruled)) fail(codes[i] ": no rule")
    }
    for (code in enumerator) if (!(code in condition)) fail("WEIR_E_" code ": has no name")
    for (code in refused) if (!(code in listed)) fail(refused[code] ": " code " has no row")
    for (i in chosen) {
        if (!(i in reasoned)) fail(chosen[i] ": no reason")
        if (!(i in explained)) fail(chosen[i] ": choice " i " has no row among the open places")
    }
    for (i in cited) if (!(i in chosen)) fail(cited[i] ": there is no choice " i)
    for (name in files) file_count++
    if (!code_count || !rows || !choices) fail("nothing was read")
    if (!bad) printf "%d codes, %d rows, %d choices, %d corpus files: they agree\n", code_count, rows, choices, file_count
    exit bad
}
