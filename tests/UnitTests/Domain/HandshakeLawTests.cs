using CsCheck;
using Im.Domain;

namespace Im.UnitTests.Domain;

/// <summary>What holds for any order of calls by the two sides, in any mode, as often as they like.</summary>
public sealed class HandshakeLawTests
{
    private static readonly Gen<(bool ByAnn, PublicKey? Key)> AnyCall =
        Gen.Select(Gen.Bool, Gen.OneOf(Gen.Const((PublicKey?)null), Some.AnyPublicKey.Select(key => (PublicKey?)key)));

    private static readonly Gen<(bool ByAnn, PublicKey? Key)[]> AnyCalls = AnyCall.Array[1, 12];

    [Fact]
    public void There_is_one_key_and_one_session_from_the_first_call_to_the_last() => AnyCalls.Sample(calls =>
    {
        var states = StatesAfter(calls);
        return states.All(state => (state.Key, state.Session, state.OpenedBy, state.Mode) == (states[0].Key, states[0].Session, states[0].OpenedBy, states[0].Mode));
    });

    [Fact]
    public void It_is_completed_exactly_from_the_other_sides_first_call_in_the_same_mode_on() => AnyCalls.Sample(calls =>
    {
        var first = calls[0];
        var answered = calls.Select(call => call.ByAnn != first.ByAnn && (call.Key is null) == (first.Key is null));
        return StatesAfter(calls).Select(state => state.IsCompleted).SequenceEqual(answered.Select((_, i) => answered.Take(i + 1).Any(yes => yes)));
    });

    [Fact]
    public void Once_completed_nothing_changes_it() => AnyCalls.Sample(calls =>
    {
        var afterCompletion = StatesAfter(calls).SkipWhile(state => !state.IsCompleted).ToList();
        return afterCompletion.All(state => Shown(state) == Shown(afterCompletion[0]));
    });

    [Fact]
    public void The_other_mode_is_refused_at_any_moment_and_changes_nothing() => AnyCalls.Sample(calls =>
    {
        var state = Open(calls[0]);
        foreach (var (byAnn, key) in calls)
        {
            var next = state.CalledBy(Caller(byAnn), key);
            if ((key is null) != (calls[0].Key is null) != (next.Error == Errors.KeyModeMismatch))
            {
                return false;
            }

            state = next.IsOk ? next.Value : state;
        }

        return true;
    });

    [Fact]
    public void Each_side_is_shown_with_its_newest_key_from_before_the_completion() => AnyCalls.Sample(calls =>
    {
        var first = calls[0];
        var counted = calls.Where(call => (call.Key is null) == (first.Key is null)).ToList();
        var completing = counted.FindIndex(call => call.ByAnn != first.ByAnn);
        var state = StatesAfter(calls)[^1];
        var ofOpener = counted.Take(completing < 0 ? counted.Count : completing).Last().Key;
        return state.PublicKeyOf(Caller(first.ByAnn)) == ofOpener
            && state.PublicKeyOf(Caller(!first.ByAnn)) == (completing < 0 ? null : counted[completing].Key);
    });

    private static UserId Caller(bool byAnn) => byAnn ? Some.Ann : Some.Bob;

    private static (bool, PublicKey?, PublicKey?) Shown(Handshake state) =>
        (state.IsCompleted, state.PublicKeyOf(Some.Ann), state.PublicKeyOf(Some.Bob));

    private static Handshake Open((bool ByAnn, PublicKey? Key) call) => call.Key is null
        ? Handshake.Open(Some.AnnAndBob, Caller(call.ByAnn), ImKey.Generate(8))
        : Handshake.Open(Some.AnnAndBob, Caller(call.ByAnn), call.Key);

    /// <summary>The state after each call; the first one opens, a refused one leaves everything as it was.</summary>
    private static List<Handshake> StatesAfter((bool ByAnn, PublicKey? Key)[] calls)
    {
        List<Handshake> states = [Open(calls[0])];
        foreach (var (byAnn, key) in calls.Skip(1))
        {
            var next = states[^1].CalledBy(Caller(byAnn), key);
            states.Add(next.IsOk ? next.Value : states[^1]);
        }

        return states;
    }
}
