export type Item = {
	name: string @min_len(1),
	count: integer @min(1) @max(99),
}

export type Order = {
	number?: string @pattern("^ORD-\\d{4}$"),
	customer: string @min_len(1),
	items: {Item},
	total?: integer,
	state: "new" | "paid" | "refused",
}

type Totals = {[string]: integer}

return { Totals = Totals }
