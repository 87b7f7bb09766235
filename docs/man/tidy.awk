# SPDX-License-Identifier: MIT
# Mends scdoc's output: no paragraph breaks at the head of a section or before another break,
# of which mandoc -Tlint complains; and the last column of a table takes the width that is left.
/^\.PP?$/ { waiting = 1; next }
waiting && !heading && !/^\.(S[HS] |RE|sp|\\")/ { print ".PP" }
/^\.TS$/ { format = 1 }
format && /(^| )l\.?$/ {
	format = !/\.$/
	sub(/l\.?$/, format ? "lx" : "lx.")
}
{ waiting = 0; heading = /^\.(S[HS]|RS|TH) /; print }
