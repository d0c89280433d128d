using System.Net.WebSockets;
using Im.WebApi.Messaging;
using Microsoft.AspNetCore.Connections;

namespace Im.UnitTests.WebApi.Messaging;

/// <summary>Of several reasons to end, one is told, and one is counted.</summary>
public sealed class ConnectionEndTests
{
    private readonly ConnectionEnd _end = new();

    public static TheoryData<Exception, bool, WebSocketCloseStatus?> Failures => new()
    {
        { new TimeoutException(), false, CloseCodes.TookNothing },
        { new TimeoutException(), true, CloseCodes.TookNothing },
        { new ConnectionAbortedException(), false, CloseCodes.TookNothing },
        { new ConnectionAbortedException(), true, CloseCodes.Lost },
        { new WebSocketException(), false, CloseCodes.Lost },
        { new IOException(), false, CloseCodes.Lost },
        { new OperationCanceledException(), false, CloseCodes.Lost },
        { new ObjectDisposedException("transport"), false, CloseCodes.Lost },
        { new InvalidOperationException(), false, null },
    };

    [Theory]
    [InlineData(WebSocketCloseStatus.NormalClosure, CloseCodes.TooManyBadFrames, WebSocketCloseStatus.NormalClosure)]
    [InlineData(WebSocketCloseStatus.NormalClosure, CloseCodes.SessionEnded, CloseCodes.SessionEnded)]
    [InlineData(CloseCodes.SessionEnded, CloseCodes.SessionLost, CloseCodes.SessionEnded)]
    [InlineData(CloseCodes.SessionEnded, WebSocketCloseStatus.NormalClosure, CloseCodes.SessionEnded)]
    public void The_first_code_counts_unless_the_next_one_leaves_nothing_to_answer(WebSocketCloseStatus first, WebSocketCloseStatus next, WebSocketCloseStatus closing)
    {
        Assert.Null(_end.Closing);

        _end.Close(first);
        _end.Close(next);

        Assert.Equal(closing, _end.Closing);
    }

    [Fact]
    public void A_loss_is_noticed_once_and_counts_before_what_was_told_and_that_before_what_would_have_been()
    {
        _end.Close(WebSocketCloseStatus.NormalClosure);
        Assert.Equal(1000, _end.Code(told: 0));
        Assert.Equal(1007, _end.Code(told: 1007));

        Assert.True(_end.TryLose(CloseCodes.TookNothing));
        Assert.False(_end.TryLose(CloseCodes.Lost));

        Assert.Equal((int)CloseCodes.TookNothing, _end.Code(told: 1007));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, _end.Closing);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_failure_of_the_transport_is_a_loss_and_any_other_a_fault(Exception failure, bool isHangingUp, WebSocketCloseStatus? expected) =>
        Assert.Equal(expected, CloseCodes.OfLoss(failure, isHangingUp));
}
