namespace Im.Load.Measure;

/// <summary>One number of one trial.</summary>
/// <param name="Column">Its column in the table, with the unit.</param>
/// <param name="Value">The number.</param>
/// <param name="Decimals">How many are worth printing.</param>
internal sealed record Figure(string Column, double Value, int Decimals = 0);
