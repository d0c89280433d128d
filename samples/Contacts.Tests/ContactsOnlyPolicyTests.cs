using Im.Domain;
using NSubstitute;

namespace Contacts.Tests;

public sealed class ContactsOnlyPolicyTests
{
    private static readonly PairKey Pair = PairKey.Of(UserId.Of(9).Value, UserId.Of(10).Value).Value;

    private readonly IContactList _contacts = Substitute.For<IContactList>();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_users_may_talk_if_each_has_the_other_as_a_contact(bool haveEachOther)
    {
        _contacts.HaveEachOtherAsync(Pair, TestContext.Current.CancellationToken).Returns(haveEachOther);

        Assert.Equal(haveEachOther, await new ContactsOnlyPolicy(_contacts).AllowsAsync(Pair, TestContext.Current.CancellationToken));
    }
}
