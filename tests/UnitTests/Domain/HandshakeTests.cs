using Im.Domain;

namespace Im.UnitTests.Domain;

public sealed class HandshakeTests
{
    private static readonly UserId Ann = Some.Ann, Bob = Some.Bob;
    private static readonly PublicKey AnnsKey = Some.Key(1), AnnsNewKey = Some.Key(2), BobsKey = Some.Key(3);

    [Fact]
    public void The_first_caller_opens_a_handshake_that_waits_for_the_other_one()
    {
        var key = ImKey.Generate(32);

        var opened = Handshake.Open(Some.AnnAndBob, Ann, key);

        Assert.Equal((Ann, key, KeyMode.ServerKey, false), (opened.OpenedBy, opened.Key, opened.Mode, opened.IsCompleted));
    }

    [Fact]
    public void The_peer_completes_the_handshake_and_gets_the_same_key()
    {
        var opened = Handshake.Open(Some.AnnAndBob, Ann, ImKey.Generate(32));

        var completed = opened.CalledBy(Bob, null).Value;

        Assert.True(completed.IsCompleted);
        Assert.Equal((opened.Key, opened.Session, Ann), (completed.Key, completed.Session, completed.OpenedBy));
    }

    [Fact]
    public void The_first_caller_calling_again_completes_nothing()
    {
        var again = Handshake.Open(Some.AnnAndBob, Ann, ImKey.Generate(32)).CalledBy(Ann, null).Value;

        Assert.False(again.IsCompleted);
    }

    [Fact]
    public void Every_handshake_is_for_another_session() => Assert.NotEqual(
        Handshake.Open(Some.AnnAndBob, Ann, ImKey.Generate(8)).Session,
        Handshake.Open(Some.AnnAndBob, Ann, ImKey.Generate(8)).Session);

    [Fact]
    public void With_public_keys_each_side_gets_the_others_and_the_server_makes_none()
    {
        var completed = Handshake.Open(Some.AnnAndBob, Ann, AnnsKey).CalledBy(Bob, BobsKey).Value;

        Assert.Equal((KeyMode.PublicKeys, null), (completed.Mode, completed.Key));
        Assert.Equal((AnnsKey, BobsKey), (completed.PublicKeyOf(Ann), completed.PublicKeyOf(Bob)));
    }

    [Fact]
    public void While_open_the_first_callers_newest_public_key_replaces_the_older_one()
    {
        var renewed = Handshake.Open(Some.AnnAndBob, Ann, AnnsKey).CalledBy(Ann, AnnsNewKey).Value;

        Assert.Equal((AnnsNewKey, null), (renewed.PublicKeyOf(Ann), renewed.PublicKeyOf(Bob)));
    }

    [Fact]
    public void Once_completed_no_public_key_replaces_another()
    {
        var completed = Handshake.Open(Some.AnnAndBob, Ann, AnnsKey).CalledBy(Bob, BobsKey).Value;

        var later = completed.CalledBy(Ann, AnnsNewKey).Value.CalledBy(Bob, AnnsNewKey).Value;

        Assert.Equal((AnnsKey, BobsKey), (later.PublicKeyOf(Ann), later.PublicKeyOf(Bob)));
    }

    [Fact]
    public void The_mode_of_the_first_caller_holds_for_both_also_while_the_completed_answer_is_kept()
    {
        var keyed = Handshake.Open(Some.AnnAndBob, Ann, ImKey.Generate(32));
        var exchanged = Handshake.Open(Some.AnnAndBob, Ann, AnnsKey);

        Assert.Equal(Errors.KeyModeMismatch, keyed.CalledBy(Bob, BobsKey).Error);
        Assert.Equal(Errors.KeyModeMismatch, keyed.CalledBy(Bob, null).Value.CalledBy(Ann, AnnsKey).Error);
        Assert.Equal(Errors.KeyModeMismatch, exchanged.CalledBy(Ann, null).Error);
        Assert.Equal(Errors.KeyModeMismatch, exchanged.CalledBy(Bob, BobsKey).Value.CalledBy(Bob, null).Error);
    }

    [Fact]
    public void A_stranger_neither_opens_nor_calls()
    {
        var opened = Handshake.Open(Some.AnnAndBob, Ann, AnnsKey);

        Assert.Throws<ArgumentException>(() => Handshake.Open(Some.AnnAndBob, Some.Eve, ImKey.Generate(32)));
        Assert.Throws<ArgumentException>(() => opened.CalledBy(Some.Eve, BobsKey));
    }

    [Fact]
    public void What_the_store_kept_becomes_the_same_handshake_again()
    {
        var session = SessionId.Generate();

        var restored = Handshake.Restore(Some.AnnAndBob, Ann, session, null, AnnsKey, BobsKey, isCompleted: true);

        Assert.Equal((Ann, session, KeyMode.PublicKeys, true), (restored.OpenedBy, restored.Session, restored.Mode, restored.IsCompleted));
        Assert.Equal((AnnsKey, BobsKey), (restored.PublicKeyOf(Ann), restored.PublicKeyOf(Bob)));
    }

    [Fact]
    public void A_handshake_of_both_modes_or_of_none_is_a_bug()
    {
        var session = SessionId.Generate();

        Assert.Throws<ArgumentException>(() => Handshake.Restore(Some.AnnAndBob, Ann, session, ImKey.Generate(8), AnnsKey, null, isCompleted: false));
        Assert.Throws<ArgumentException>(() => Handshake.Restore(Some.AnnAndBob, Ann, session, null, null, null, isCompleted: false));
    }
}
