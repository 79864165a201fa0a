enum DashboardFiles { static let all: [DashboardFile] = [] }
