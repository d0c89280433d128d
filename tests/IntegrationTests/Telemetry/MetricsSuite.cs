namespace Im.IntegrationTests.Telemetry;

/// <summary>
/// Tests of the platform's own metrics run while no other node does: to a node's exporter those of all nodes in the process are
/// one, and are gone when the first of the nodes ends.
/// </summary>
[CollectionDefinition(nameof(MetricsSuite), DisableParallelization = true)]
public sealed class MetricsSuite;
