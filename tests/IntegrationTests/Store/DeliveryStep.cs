using CsCheck;

namespace Im.IntegrationTests.Store;

/// <summary>What may happen to a pair: calls of both users, and what becomes of their store.</summary>
internal enum Act
{
    Exchange, ExchangeOtherMode, ExchangeNotOpening, Find, Attach, AttachAsFound, AttachSeen, AttachLost,
    Send, SendMany, Resend, SkipId, MixIds, Acknowledge, Read, Touch, Signal, Detach,
    End, EndThis, EndOlder, Expire, ExpireSession, ExpireHandshake, LoseNewest, LoseOldest, Remember, GoBack,
}

/// <summary>One thing that happens. <c>N</c> chooses among what there is at that moment, so that any part of a run is a run.</summary>
internal readonly record struct Step(Act Act, bool ByAnn, int N)
{
    private static readonly Gen<Step> Any = Gen.Select(
        Gen.Frequency(
            (14, Gen.OneOf(Act.Send, Act.SendMany)),
            (10, Gen.OneOf(Act.Acknowledge, Act.Read)),
            (10, Gen.OneOf(Act.Resend, Act.SkipId, Act.MixIds, Act.Signal, Act.Touch, Act.Detach)),
            (8, Gen.OneOf(Act.Attach, Act.AttachSeen, Act.AttachAsFound, Act.AttachLost, Act.Find)),
            (6, Gen.OneOf(Act.Exchange, Act.Exchange, Act.Exchange, Act.ExchangeOtherMode, Act.ExchangeNotOpening)),
            (5, Gen.OneOf(Act.LoseNewest, Act.LoseOldest, Act.Remember, Act.GoBack, Act.GoBack)),
            (3, Gen.OneOf(Act.End, Act.EndThis, Act.EndOlder, Act.Expire, Act.ExpireSession, Act.ExpireHandshake))),
        Gen.Bool,
        Gen.Int[0, 99],
        (act, byAnn, n) => new Step(act, byAnn, n));

    private static readonly Step[] Meeting = [new(Act.Exchange, true, 0), new(Act.Exchange, false, 0), new(Act.Attach, true, 0), new(Act.Attach, false, 0)];

    /// <summary>Up to four chapters, most of which begin with both meeting.</summary>
    public static Gen<Step[]> Runs { get; } =
        Gen.Select(Gen.Frequency((4, Gen.Const(4)), (1, Gen.Int[0, 3])), Any.Array[1, 20], (met, then) => (Step[])[.. Meeting[..met], .. then])
            .Array[1, 4].Select(chapters => chapters.SelectMany(steps => steps).ToArray());
}
