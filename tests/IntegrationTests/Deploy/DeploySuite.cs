namespace Im.IntegrationTests.Deploy;

/// <summary>Tests of what is published run one after the other, and after all others: they publish once, and replace nodes under load.</summary>
[CollectionDefinition(nameof(DeploySuite), DisableParallelization = true)]
public sealed class DeploySuite : ICollectionFixture<PublishedService>;
