# SPDX-License-Identifier: MIT
#
# gnuplot -e "results='DIR'; picture='FILE.svg'" picture.gp: what bench wrote to DIR/speed.tsv as bars.

set datafile separator "\t"
if (picture[strlen(picture)-2:*] eq "svg") {
    set terminal svg size 1200,1000 font "sans-serif,14" background "white"
} else {
    set terminal pngcairo size 1200,1000 font "sans-serif,11" background "white"
}
set output picture

speed = results."/speed.tsv"
decoders = system("cut -f3 ".speed." | tail -n +2 | grep -v -e utf8-only -e -parse | awk '!seen[$0]++' | tr '\\n' ' '")
traces = system("cut -f1 ".speed." | tail -n +2 | awk '!seen[$0]++' | tr '\\n' ' '")

# The lines of one decoder and chunk size, in the order of the traces.
rows(decoder, chunk) = "< awk -F '\\t' '$3 == \"".decoder."\" && $2 == \"".chunk."\"' ".speed
lines(decoder, trace) = "< awk -F '\\t' '$3 == \"".decoder."\" && $1 == \"".trace."\" && $2 != \"whole\"' ".speed

set multiplot layout 3,1
set style data histograms
set style histogram errorbars gap 2 linewidth 1
set errorbars linecolor rgb "black"
set style fill solid 0.8 noborder
set boxwidth 0.9
set grid ytics
set key outside right top
set logscale y
set ylabel "MB/s"

set title "Chunks of 4096 bytes (medians and quartiles)"
plot for [d in system("awk -F '\\t' '$2 == \"4096\" { print $3 }' ".speed." | awk '!seen[$0]++' | tr '\\n' ' '")] \
    rows(d, "4096") using 7:6:8:xtic(1) title d

set title "Whole input (parsers that take nothing else, too)"
plot for [d in decoders] rows(d, "whole") using 7:6:8:xtic(1) title d

unset style
set style data linespoints
set logscale x
set xlabel "bytes a chunk"
set title word(traces, 1)." by size of chunk"
set xtics (1, 16, 256, 1460, 4096, 65536)
plot for [d in system("awk -F '\\t' '$2 == \"4096\" { print $3 }' ".speed." | awk '!seen[$0]++' | tr '\\n' ' '")] \
    lines(d, word(traces, 1)) using 2:7 pointtype 7 title d
unset multiplot
