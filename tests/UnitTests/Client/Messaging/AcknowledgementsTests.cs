using Im.Client.Messaging;
using Microsoft.Extensions.Time.Testing;

namespace Im.UnitTests.Client.Messaging;

/// <summary>Acknowledgements go together, and none is forgotten.</summary>
public sealed class AcknowledgementsTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Acknowledgements _acknowledgements;

    public AcknowledgementsTests() => _acknowledgements = new Acknowledgements(_clock, new Wake());

    [Fact]
    public void What_was_taken_within_20_ms_is_acknowledged_together()
    {
        _acknowledgements.Take(1);
        _clock.Advance(TimeSpan.FromMilliseconds(15));
        _acknowledgements.Take(2);
        Assert.Null(Next());

        _clock.Advance(TimeSpan.FromMilliseconds(5));

        Assert.Equal(2, Next());
        Assert.Null(Next());
    }

    [Fact]
    public void Thirty_two_are_acknowledged_without_waiting()
    {
        for (var seq = 1; seq <= 31; seq++)
        {
            _acknowledgements.Take(seq);
        }

        Assert.Null(Next());
        _acknowledgements.Take(32);

        Assert.Equal(32, Next());
    }

    [Fact]
    public void A_lower_one_changes_nothing()
    {
        _acknowledgements.Take(5);
        _acknowledgements.Take(4);

        Assert.Equal(5, _acknowledgements.Taken);
    }

    [Fact]
    public void A_connection_that_closes_takes_along_what_is_not_due_yet()
    {
        _acknowledgements.Take(1);

        Assert.Equal(1, Number(_acknowledgements.Next(evenIfEarly: true)));
        Assert.Null(_acknowledgements.Next(evenIfEarly: true));
    }

    [Fact]
    public void What_was_taken_while_a_connection_opened_is_acknowledged_on_it()
    {
        _acknowledgements.Take(3);
        _acknowledgements.Opened(seen: 2);

        Assert.Equal(3, Next());
    }

    [Fact]
    public void What_the_store_could_not_note_is_acknowledged_again_a_second_later()
    {
        _acknowledgements.Take(1);
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Equal(1, Next());

        _acknowledgements.Refused();
        Assert.Null(Next());
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, Next());
    }

    public void Dispose() => _acknowledgements.Dispose();

    private static long? Number(byte[]? frame) => frame is null ? null : System.Text.Json.JsonElement.Parse(frame).GetProperty("seq").GetInt64();

    private long? Next() => Number(_acknowledgements.Next());
}
