package check

import (
	"fmt"
	"time"
)

// JudgeNumber judges how many there were of something, "frames in capture cut"
// for example.
func JudgeNumber(b Bound, subject string, seen int) Outcome {
	return conclude(fmt.Sprintf("%s: %d", subject, seen), []Finding{
		finding(b.Holds(float64(seen)), "", subject, b.Words(), fmt.Sprint(seen))})
}

// JudgeTime judges how long something took whose measurement has an error. What
// did not happen at all is told by seen, and fails.
func JudgeTime(b Bound, subject string, took, uncertainty time.Duration, happened bool) Outcome {
	seen := fmt.Sprintf("%s ± %s", rounded(took), rounded(uncertainty))
	if !happened {
		seen = "it did not happen"
	}
	return conclude(subject+" is "+seen, []Finding{finding(happened && b.HoldsTime(took), "", subject, b.Words(), seen)})
}
