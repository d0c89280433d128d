using System.Reflection;
using FluentValidation;
using MediatR;
using NetArchTest.Rules;

namespace Im.UnitTests.Architecture;

/// <summary>Holds the table of the layers: who may reference what.</summary>
public sealed class LayerTests
{
    private static readonly Assembly Domain = typeof(Im.Domain.UserId).Assembly;
    private static readonly Assembly Application = typeof(Im.Application.AssemblyMarker).Assembly;
    private static readonly Assembly Infrastructure = Assembly.Load("Im.Infrastructure");
    private static readonly Assembly WebApi = typeof(Im.WebApi.Node).Assembly;

    [Fact]
    public void The_domain_references_the_base_library_only() => Assert.Empty(ReferencesOf(Domain).Where(name => !IsBaseLibrary(name)));

    [Fact]
    public void The_domain_does_no_IO_reads_no_clock_and_knows_no_JSON()
    {
        MayNotUse(Domain, "System.Threading.Tasks", "System.Text.Json", "System.Net", "System.IO", "System.TimeProvider", "System.DateTime", "System.DateTimeOffset");
    }

    [Fact]
    public void The_application_references_the_domain_MediatR_and_FluentValidation_only()
    {
        string[] allowed = ["Im.Domain", "MediatR", "FluentValidation"];
        Assert.Empty(ReferencesOf(Application).Where(name => !IsBaseLibrary(name)).Except(allowed));
    }

    [Fact]
    public void The_application_knows_no_wire_names_and_logs_nothing() =>
        MayNotUse(Application, "System.Text.Json", "System.Net", "Microsoft.Extensions.Logging", "Microsoft.AspNetCore");

    [Fact]
    public void The_infrastructure_knows_nothing_of_the_web_api() => Assert.DoesNotContain("Im.WebApi", ReferencesOf(Infrastructure));

    [Fact]
    public void The_web_api_uses_no_type_of_the_store() => MayNotUse(WebApi, "StackExchange.Redis", "Garnet", "Tsavorite", "Microsoft.Data.Sqlite", "Dapper");

    [Fact]
    public void The_web_api_uses_the_infrastructure_only_where_it_is_composed()
    {
        var users = Types.InAssembly(WebApi).That().HaveDependencyOn("Im.Infrastructure").GetTypes().Select(Outermost).Distinct();

        Assert.Empty(users.Where(type => type.Name is not ("Program" or "Node") && type.Namespace?.StartsWith("Im.WebApi.Composition", StringComparison.Ordinal) != true));
    }

    [Fact]
    public void The_metrics_know_nothing_of_what_is_counted_by_them() => Assert.Empty(
        Types.InAssembly(WebApi).That().ResideInNamespace("Im.WebApi.Telemetry")
            .And().HaveDependencyOnAny("Im.WebApi.Messaging", "Im.WebApi.KeyExchange", "Im.WebApi.Accounts", "Im.WebApi.Limits")
            .GetTypes().Select(type => type.Name));

    [Fact]
    public void Handlers_validators_and_behaviours_are_sealed_and_of_no_concern_to_another_project() =>
        Assert.Empty(ApplicationTypes()
            .Where(type => Implements(type, typeof(IRequestHandler<,>)) || Implements(type, typeof(IPipelineBehavior<,>)) || Implements(type, typeof(IValidator<>)))
            .Where(type => !type.IsSealed || type.IsPublic));

    [Fact]
    public void Handlers_keep_no_state_and_never_call_the_mediator() => Assert.Empty(
        from type in ApplicationTypes()
        where Implements(type, typeof(IRequestHandler<,>))
        from field in type.GetFields(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where typeof(IMediator).IsAssignableFrom(field.FieldType) || (!field.IsInitOnly && !IsPrimaryParameter(field))
        select $"{type.Name}.{field.Name}");

    [Fact]
    public void Every_command_is_a_sealed_record_that_answers_with_a_result() => Assert.Empty(ApplicationTypes()
        .Where(type => Implements(type, typeof(IRequest<>)))
        .Where(type => !type.IsSealed || type.GetMethod("<Clone>$") is null || !AnswersWithAResult(type)));

    [Fact]
    public void Types_are_sealed_in_every_layer() => Assert.Empty(
        new[] { Domain, Application, Infrastructure, WebApi }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsClass && !type.IsSealed && !type.IsAbstract && !IsGenerated(type) && type.Name is not "Program"));

    [Fact]
    public void Domain_types_have_no_public_setter() => Assert.Empty(
        from type in Domain.GetTypes()
        from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public)
        where property.SetMethod is { IsPublic: true } set && !set.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name is "IsExternalInit")
        select $"{type.Name}.{property.Name}");

    private static void MayNotUse(Assembly assembly, params string[] names)
    {
        var result = Types.InAssembly(assembly).ShouldNot().HaveDependencyOnAny(names).GetResult();
        Assert.True(result.IsSuccessful, $"These use what {assembly.GetName().Name} may not: {string.Join(", ", result.FailingTypeNames ?? [])}");
    }

    private static IEnumerable<string> ReferencesOf(Assembly assembly) => assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

    // The shared framework of ASP.NET is no base library: its assemblies are called Microsoft.*.
    private static bool IsBaseLibrary(string name) => name is "netstandard" or "mscorlib" or "System" || name.StartsWith("System.", StringComparison.Ordinal);

    private static IEnumerable<Type> ApplicationTypes() => Application.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false });

    private static bool Implements(Type type, Type definition) =>
        type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == definition);

    private static bool AnswersWithAResult(Type command) => command.GetInterfaces()
        .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IRequest<>))
        .All(face => face.GetGenericArguments()[0] is { IsGenericType: true } answer && answer.GetGenericTypeDefinition() == typeof(Im.Domain.Result<>));

    // A parameter of a primary constructor is kept in a field that no other code can name, let alone assign by accident.
    private static bool IsPrimaryParameter(FieldInfo field) => field.Name.StartsWith('<') && field.Name.EndsWith(">P", StringComparison.Ordinal);

    private static bool IsGenerated(Type type) =>
        type.Name.StartsWith('<') || type.GetCustomAttributes().Any(attribute => attribute.GetType().Name is "CompilerGeneratedAttribute" or "GeneratedCodeAttribute");

    private static Type Outermost(Type type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);
}
