# SPDX-License-Identifier: MIT
# The report of tests/coverage.sh, out of its counts.
#   least      the percentage that must be reached
#   wanted     how the names of files begin whose branches count
#   uncovered  the file that gets what did not run
#   skip       tests/coverage.skip

# Reads the excuses: excuses[n] names a file, texts[n] a part of its line.
function read_skip(	line, parts)
{
	while ((getline line <skip) > 0) {
		if (line ~ /^#/ || line ~ /^[ \t]*$/)
			continue
		if (split(line, parts, / *\| */) < 3 || parts[2] == "" || parts[3] == "")
			complain(skip ": not FILE | TEXT | REASON: " line)
		excuses[++nexcuses] = parts[1]
		texts[nexcuses] = parts[2]
	}
}

function complain(text)
{
	print "coverage: " text >"/dev/stderr"
	failed = 1
}

# The text of a line of a file; each file is read once.
function text_of(file, number,	line, n)
{
	if (!(file in was_read)) {
		was_read[file] = 1
		while ((getline line <file) > 0)
			text[file, ++n] = line
		close(file)
	}
	return text[file, number]
}

# Tells whether a line that did not run is excused, and notes that the excuse is needed.
function excused(file, number,	i)
{
	for (i = 1; i <= nexcuses; i++) {
		if (excuses[i] == file && index(text_of(file, number), texts[i])) {
			needed[i] = 1
			return 1
		}
	}
	return 0
}

# Tells whether the branches of a file count.
function counts_branches(file,	i, n, names)
{
	n = split(wanted, names, " ")
	for (i = 1; i <= n; i++)
		if (index(file, names[i]) == 1)
			return 1
	return 0
}

function percent(part, whole)
{
	return whole ? 100 * part / whole : 100
}

# A row of what is printed.
function row(name, part, whole)
{
	return sprintf("  %-40s %6d of %6d  %6.2f %%", name, part, whole, percent(part, whole))
}

# Prints the row of a total, which may be too little.
function total(name, part, whole)
{
	if (percent(part, whole) >= least) {
		print row(name, part, whole)
	} else {
		print row(name, part, whole) "  less than " least " %"
		failed = 1
	}
}

function directory(file)
{
	sub(/\/[^\/]*$/, "", file)
	return file
}

$1 == "line" { lines[$2 " " $3] += $4; files[$2] = 1 }
$1 == "branch" { taken[$2 " " $3] += $4 }

END {
	read_skip()
	sorter = "sort -t: -k1,1 -k2,2n >" uncovered
	for (key in lines) {
		split(key, k, " ")
		if (!lines[key] && excused(k[1], k[2])) {
			excused_lines[k[1], k[2]] = 1
			continue
		}
		all[directory(k[1])]++
		all_lines++
		if (lines[key]) {
			ran[directory(k[1])]++
			ran_lines++
		} else {
			print k[1] ":" k[2] ": line: " text_of(k[1], k[2]) | sorter
		}
	}
	for (key in taken) {
		split(key, k, " ")
		split(k[2], at, ":")
		if (!counts_branches(k[1]) || (k[1], at[1]) in excused_lines)
			continue
		all_branches++
		branches_in[k[1]]++
		if (taken[key]) {
			taken_branches++
			taken_in[k[1]]++
		} else if (lines[k[1] " " at[1]]) {
			print k[1] ":" at[1] ": branch " at[3] ": " text_of(k[1], at[1]) | sorter
		}
	}
	close(sorter)
	if (!all_lines)
		complain("nothing was counted")
	for (i = 1; i <= nexcuses; i++)
		if (!(i in needed))
			complain(skip ": not needed: " excuses[i] " | " texts[i])
	print "branches taken, in files of the evaluator and the parsers"
	fflush()
	for (file in branches_in)
		print row(file, taken_in[file], branches_in[file]) | "sort"
	close("sort")
	total("total", taken_branches, all_branches)
	print "lines that ran"
	fflush()
	for (name in all)
		print row(name, ran[name], all[name]) | "sort"
	close("sort")
	total("lib", ran_lines, all_lines)
	print "what did not run: " uncovered
	exit failed
}
