using Im.Application.Messaging;

namespace Im.WebApi.Messaging;

/// <summary>
/// Finds out whether a client is still there: pings it, and whatever comes from it is an answer. Has no timer of its own, but
/// is visited. One visitor.
/// </summary>
internal sealed class KeepAlive(CorkedStream stream, KeepAlive.Rhythm rhythm)
{
    private int _visitsSincePing;
    private bool _isAnswerDue;

    /// <summary>Pings if it is time. False: the client has not answered in time.</summary>
    public bool Visit()
    {
        _visitsSincePing++;
        if (stream.Arrivals.TakeHeard() || !stream.Arrivals.IsAwaited)
        {
            // Not listened to, a client cannot be heard: while too many answers are outstanding, nothing is read.
            _isAnswerDue = false;
        }

        if (_isAnswerDue)
        {
            return _visitsSincePing < rhythm.VisitsToAnswer;
        }

        if (_visitsSincePing >= rhythm.VisitsToPing)
        {
            (_visitsSincePing, _isAnswerDue) = (0, true);
            stream.Ping();
        }

        return true;
    }

    /// <summary>How often connections are visited so that pings and their time limits fall on visits, and as few visits as that takes.</summary>
    public sealed class Rhythm
    {
        private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

        /// <summary>The rhythm of these settings. Where they have no common measure of a second or more, a limit may be a second late.</summary>
        public Rhythm(MessagingOptions options)
        {
            var (measure, rest) = (options.PingInterval, options.PingTimeout);
            while (rest > TimeSpan.Zero)
            {
                (measure, rest) = (rest, TimeSpan.FromTicks(measure.Ticks % rest.Ticks));
            }

            Visits = measure > Shortest ? measure : Shortest;
            VisitsToPing = (int)Math.Ceiling(options.PingInterval / Visits);
            VisitsToAnswer = (int)Math.Ceiling(options.PingTimeout / Visits);
        }

        /// <summary>The time between two visits.</summary>
        public TimeSpan Visits { get; }

        /// <summary>So many visits after a ping the next one is due.</summary>
        public int VisitsToPing { get; }

        /// <summary>So many visits after a ping its answer must have come.</summary>
        public int VisitsToAnswer { get; }
    }
}
