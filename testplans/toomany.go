package testplans

// A TooManyError means that nothing is wrong with a plan but that it has more
// cases than MaxCases. It wraps the Mistakes that Load returns otherwise: an
// engagement does not call it a mistake but refuses it, with the numbers.
type TooManyError struct {
	Cases    int // after expansion; a million stands for a million or more
	Mistakes Mistakes
}

func (e *TooManyError) Error() string { return e.Mistakes.Error() }
func (e *TooManyError) Unwrap() error { return e.Mistakes }

// refusal is the error for the mistakes that were found in a plan.
func (d *decoder) refusal() error {
	all := d.mistakes.sorted()
	if d.tooMany == 0 || len(all) != 1 {
		return all
	}
	return &TooManyError{Cases: d.tooMany, Mistakes: all}
}
