using CsCheck;
using Im.Application.Messaging;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Store;

/// <summary>
/// The scripts do what <see cref="DeliveryModel"/> says, whatever both users, their late connections and a forgetful store do
/// in whatever order. Compared after every step: the answer, all that the store holds, whose life was renewed, and what was
/// published; no answer and no content depends on a publication being heard.
/// </summary>
public abstract class DeliveryModelTests(NodeFixture fixture)
{
    private const int Seconds = 10;

    // So small that a run meets both bounds.
    private readonly MessagingOptions _options = new() { MaxQueuedMessages = 12, MaxQueuedBytes = 150 };

    [Fact]
    public Task The_store_and_the_model_agree_on_any_sequence_of_steps()
    {
        // Asked for before the sampling, which would take the skip of a missing store for a failure.
        var node = fixture.Node;
        return Step.Runs.SampleAsync(steps => AgreeAsync(node, steps), time: Seconds, threads: 2, writeLine: TestContext.Current.TestOutputHelper!.WriteLine);
    }

    /// <summary>CsCheck prints the seed and draws shorter runs; here one that fails loses every step that it fails without.</summary>
    private async Task AgreeAsync(TestNode node, Step[] steps)
    {
        if (await DifferenceAsync(node, steps) is not { } difference)
        {
            return;
        }

        for (var i = steps.Length - 1; i >= 0; i--)
        {
            Step[] fewer = [.. steps[..i], .. steps[(i + 1)..]];
            if (await DifferenceAsync(node, fewer) is { } still)
            {
                (steps, difference) = (fewer, still);
            }
        }

        Assert.Fail(difference);
    }

    private Task<string?> DifferenceAsync(TestNode node, Step[] steps) =>
        DeliveryRun.DifferenceAsync(node, _options, steps);

    public sealed class OnGarnet(GarnetNode node) : DeliveryModelTests(node), IClassFixture<GarnetNode>;

    public sealed class OnRedis(RedisNode node) : DeliveryModelTests(node), IClassFixture<RedisNode>;
}
