package check

import "fmt"

// JudgeNumber judges how many there were of something, "frames in capture cut"
// for example.
func JudgeNumber(b Bound, subject string, seen int) Outcome {
	return conclude(fmt.Sprintf("%s: %d", subject, seen), []Finding{
		finding(b.Holds(float64(seen)), "", subject, b.Words(), fmt.Sprint(seen))})
}
