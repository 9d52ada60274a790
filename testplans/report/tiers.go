package report

// Distances of a fabric drawn in rows.
const (
	rowHeight   = 210.0
	columnWidth = 165.0
)

// tiers sorts the core of a fabric into rows, the spines first: the lowest row
// are the nodes that hosts hang on, each further row is one link away from the
// row below. It returns nil for a topology that is no fabric: one without
// hosts, with a single row, or with a link inside a row or over one.
func (g graph) tiers(core graph, leaves map[string]bool) [][]string {
	level := map[string]int{}
	var queue []string
	for _, n := range core.nodes {
		if len(g.leavesOf(n, leaves)) > 0 {
			level[n] = 0
			queue = append(queue, n)
		}
	}
	highest := 0
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, m := range core.neighbours[n] {
			if _, seen := level[m]; !seen {
				level[m] = level[n] + 1
				highest = max(highest, level[m])
				queue = append(queue, m)
			}
		}
	}
	if highest == 0 || len(level) < len(core.nodes) {
		return nil
	}
	rows := make([][]string, highest+1)
	for _, n := range core.nodes {
		for _, m := range core.neighbours[n] {
			if gap := level[n] - level[m]; gap != 1 && gap != -1 {
				return nil
			}
		}
		rows[highest-level[n]] = append(rows[highest-level[n]], n)
	}
	return rows
}

// inRows places the rows from the top, each spread over the same width, and
// the leaves side by side under the last one.
func (g graph) inRows(rows [][]string, leaves map[string]bool) map[string]point {
	columns, hosts := 0, 1
	for _, row := range rows {
		columns = max(columns, len(row))
	}
	last := rows[len(rows)-1]
	for _, n := range last {
		hosts = max(hosts, len(g.leavesOf(n, leaves)))
	}
	width := columnWidth * float64(columns)
	if hosts > 1 {
		width = max(width, 120*float64(hosts*len(last)))
	}
	at := map[string]point{}
	for r, row := range rows {
		for i, n := range row {
			at[n] = point{width * (float64(i) + 0.5) / float64(len(row)), rowHeight * float64(r)}
		}
	}
	for _, n := range last {
		hanging := g.leavesOf(n, leaves)
		for i, leaf := range hanging {
			at[leaf] = at[n].plus(point{120 * (float64(i) - float64(len(hanging)-1)/2), leafHigh})
		}
	}
	return at
}
