using Im.WebApi.Messaging;
using Im.WebApi.Telemetry;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.WebApi.Messaging;

public sealed class DeliveryTimeTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly MetricCollector<double> _times = new(null, NodeMetrics.Name, "im.messages.delivery.duration");
    private readonly DeliveryTime _time;

    public DeliveryTimeTests() => _time = new DeliveryTime(_clock);

    public void Dispose() => _times.Dispose();

    [Fact]
    public void A_message_is_measured_from_its_acceptance_to_its_delivery()
    {
        _time.Accepted(1, delivered: 0);
        _clock.Advance(TimeSpan.FromSeconds(1.375));
        _time.Delivered(0);
        Assert.DoesNotContain(1.375, Times());

        _time.Delivered(1);
        _clock.Advance(TimeSpan.FromSeconds(7));
        _time.Delivered(1);

        Assert.Single(Times(), 1.375);
    }

    [Fact]
    public void While_one_is_measured_no_other_begins()
    {
        _time.Accepted(1, delivered: 0);
        _clock.Advance(TimeSpan.FromSeconds(2.625));
        _time.Accepted(2, delivered: 0);
        _time.Delivered(2);

        Assert.Single(Times(), 2.625);
        _time.Accepted(3, delivered: 2);
        _clock.Advance(TimeSpan.FromSeconds(3.875));
        _time.Delivered(3);
        Assert.Single(Times(), 3.875);
    }

    [Fact]
    public void What_was_delivered_before_its_acceptance_was_known_is_not_measured()
    {
        _time.Accepted(4, delivered: 4);
        _clock.Advance(TimeSpan.FromSeconds(5.125));
        _time.Delivered(5);

        Assert.DoesNotContain(5.125, Times());
    }

    // Other tests' messages are measured by the same instrument; no other takes just so long.
    private IEnumerable<double> Times() => _times.GetMeasurementSnapshot().Select(measured => measured.Value);
}
