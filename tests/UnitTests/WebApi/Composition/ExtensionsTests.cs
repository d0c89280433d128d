using Im.Application.Contacts;
using Im.Application.KeyExchange;
using Im.Domain;
using Im.Infrastructure.Extending;
using Im.UnitTests.Domain;
using Im.WebApi.Composition;
using Im.WebApi.Extending;
using MediatR;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Im.UnitTests.WebApi.Composition;

/// <summary>What is found in an assembly without being named anywhere; here, in this one.</summary>
public sealed class ExtensionsTests
{
    private static readonly PairKey AnnAndBob = Some.AnnAndBob;

    [Fact]
    public void The_services_own_projects_are_scanned_too_so_that_new_files_in_them_need_no_line_elsewhere() =>
        Assert.Equal(["Im.Application", "Im.Infrastructure", "Im.WebApi", "Im.UnitTests"], Extensions.Scanned(GetType().Assembly).Select(assembly => assembly.GetName().Name));

    [Fact]
    public async Task Without_a_policy_anyone_may_talk_to_anyone()
    {
        var services = new ServiceCollection();
        services.AddFeatures(Extensions.Scanned());

        Assert.True(await Policy(services).AllowsAsync(AnnAndBob, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    public async Task Of_several_policies_all_must_allow(bool first, bool second, bool expected)
    {
        var services = new ServiceCollection();
        services.AddFeatures(Extensions.Scanned(GetType().Assembly));
        services.AddSingleton(new Opinions(first, second));

        Assert.Equal(expected, await Policy(services).AllowsAsync(AnnAndBob, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_behaviour_around_one_command_is_around_no_other()
    {
        var services = new ServiceCollection();
        services.AddFeatures(Extensions.Scanned(GetType().Assembly));
        services.AddSingleton(new Opinions(true, true));
        using var provider = services.BuildServiceProvider();

        Assert.Contains(provider.GetServices<IPipelineBehavior<EndSession, Result<Done>>>(), behaviour => behaviour is AroundOne);
        Assert.DoesNotContain(provider.GetServices<IPipelineBehavior<RequestKey, Result<StoredHandshake>>>(), behaviour => (object)behaviour is AroundOne);
    }

    [Fact]
    public void Modules_are_found_and_an_adapter_of_theirs_takes_the_place_of_the_services_own()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IBlockList, OwnList>();
        services.AddModules(GetType().Assembly);
        using var provider = services.BuildServiceProvider();

        Assert.IsType<OtherList>(provider.GetRequiredService<IBlockList>());
        Assert.Contains(provider.GetServices<IEndpointModule>(), module => module is Routes);
    }

    private static IContactPolicy Policy(ServiceCollection services) => services.BuildServiceProvider().GetRequiredService<IContactPolicy>();

    private interface IBlockList;

    private sealed class OwnList : IBlockList;

    private sealed class OtherList : IBlockList;

    private sealed class Adapters : IAdapterModule
    {
        public void Add(IServiceCollection services) => services.AddSingleton<IBlockList, OtherList>();
    }

    private sealed class Routes : IEndpointModule
    {
        public void Map(IEndpointRouteBuilder routes)
        {
        }
    }

    private sealed record Opinions(bool First, bool Second);

    private sealed class FirstPolicy(Opinions opinions) : IContactPolicy
    {
        public ValueTask<bool> AllowsAsync(PairKey pair, CancellationToken cancellationToken) => ValueTask.FromResult(opinions.First);
    }

    private sealed class SecondPolicy(Opinions opinions) : IContactPolicy
    {
        public ValueTask<bool> AllowsAsync(PairKey pair, CancellationToken cancellationToken) => ValueTask.FromResult(opinions.Second);
    }

    private sealed class AroundOne : IPipelineBehavior<EndSession, Result<Done>>
    {
        public Task<Result<Done>> Handle(EndSession request, CancellationToken cancellationToken, RequestHandlerDelegate<Result<Done>> next) => next();
    }
}
