package intent

// isis translates [edit protocols isis].
func (c *compiler) isis() {}
