namespace Im.IntegrationTests.Faults;

/// <summary>The tests that kill nodes run one after the other, and after all others: each needs the machine to itself.</summary>
[CollectionDefinition(nameof(FaultSuite), DisableParallelization = true)]
public sealed class FaultSuite;
